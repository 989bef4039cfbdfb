# The main process of a staging Pod. $1 names it, the rest are the folders of its claims. It ends by
# itself when no session has been heard of for a minute, and lets go of what it has locked.
name=$1
shift
{ echo $$ >/dev/shm/mlcube-k8s.main; } 2>/dev/null
holds() { [ "$(cat "$1/.mlcube-k8s/lock/owner" 2>/dev/null)" = "$name" ]; }
let_go() { for root; do if holds "$root"; then rm -rf "$root/.mlcube-k8s/lock"; fi; done; }
idle=0
trap 'idle=0' USR1
trap 'exit 0' TERM INT
trap 'let_go "$@"' EXIT
while [ $idle -lt 60 ]; do
  sleep 1
  idle=$((idle + 1))
  for root; do if holds "$root"; then { : >"$root/.mlcube-k8s/lock/beat"; } 2>/dev/null; fi; done
done
