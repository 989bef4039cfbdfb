# A session in a staging Pod: commands come on the input, a line for each, some with data of a given
# length behind them; answers go to the output. A dot on stderr every five seconds says that it lives.
# Paths in commands are relative to the claim, and written as `printf %b` reads them.
export LC_ALL=C
set -f
umask 022
state=.mlcube-k8s
incoming=$state/incoming
box=
main=$(cat /dev/shm/mlcube-k8s.main 2>/dev/null) || main=1
# One session at a time: what an older one still had on its way must not arrive now.
if old=$(cat /dev/shm/mlcube-k8s.session 2>/dev/null); then
  kill -9 "$old" 2>/dev/null
  rm -rf "/dev/shm/mlcube-k8s.box.$old" "/tmp/mlcube-k8s.box.$old" 2>/dev/null
fi
self=$$
{ echo $self >/dev/shm/mlcube-k8s.session; } 2>/dev/null
(
  while kill -0 $self 2>/dev/null; do
    kill -USR1 "$main" 2>/dev/null
    echo . >&2
    sleep 5 2>/dev/null
  done
) </dev/null >/dev/null &
beats=$!
trap 'kill $beats 2>/dev/null; [ "$box" = $state ] || rm -rf "$box" 2>/dev/null' EXIT

fail() { echo "failed $*"; exit 1; }
owner() { owner=$(cat $state/lock/owner 2>/dev/null) && [ -n "$owner" ] || owner='?'; }
# Run a command; what it says of its failure is the answer.
try() { said=$("$@" 2>&1) || fail "$said"; }
path() { path=$(printf '%b.' "$1") && path=./${path%.}; }
# So many bytes of the input, and not one more.
take() {
  if [ $(($1 / 65536)) -gt 0 ]; then dd bs=65536 count=$(($1 / 65536)) iflag=fullblock status=none || return 1; fi
  if [ $(($1 % 65536)) -gt 0 ]; then dd bs=$(($1 % 65536)) count=1 iflag=fullblock status=none || return 1; fi
}
# The same in larger blocks.
take_large() {
  if [ $(($1 / 1048576)) -gt 0 ]; then dd bs=1048576 count=$(($1 / 1048576)) iflag=fullblock status=none || return 1; fi
  take $(($1 % 1048576))
}
# Run a command in a folder with the input that was taken for it; without the folder it is dropped.
below() {
  if cd "$1" 2>/dev/null; then
    shift
    "$@"
  else
    cat >/dev/null
  fi
}
# Paths come through a pipe: a tool that busybox runs for xargs without exec puts the offset of a file
# back when it ends, and paths are read twice.
found() { xargs -0 -r sh -c 'find "$@" -path ./.mlcube-k8s -prune -o -print0 2>/dev/null' sh; }
status_of_found() { found | xargs -0 -r stat -c '%s %Y %f'; }
# Make a file ready to be gone on with where so many bytes of it are right.
begin() {
  if [ "$1" = 0 ]; then
    try mkdir -p "${path%/*}"
    : >"$path" || fail
  else
    # What was left behind the part that is right goes.
    dd if=/dev/null of="$path" bs=1048576 seek=$(($1 / 1048576)) count=0 status=none || fail
    [ "$(stat -c %s "$path")" = "$1" ] || fail "$path does not end at $1"
  fi
}
# The next archive or piece goes to memory, and what came before it to its place meanwhile.
receive() {
  turn=$((1 - turn))
  arrived=$box/arrived.$turn
  # What lies there is written over, without asking for memory anew, if it is as long.
  if [ "$1" != "$older" ]; then : >"$arrived"; fi
  older=$newer
  newer=$1
  take_large "$1" 1<>"$arrived" || fail
  # The line behind it says that all of it has come: behind a part of it something older lies.
  read -r end || exit 1
  if [ -n "$placing" ]; then wait "$placing"; fi
}

# Where what arrives waits: in memory, if there is some. Another session may still write to a place of its own.
for place in /dev/shm /tmp; do
  box=$place/mlcube-k8s.box.$self
  if { mkdir -p $box && : >$box/paths; } 2>/dev/null; then break; fi
  box=$state
done

# What is needed of the image.
for tool in cat chmod dd find head mkdir mv rm sha256sum stat tar xargs; do
  command -v $tool >/dev/null || fail "lacks $tool"
done
# shellcheck disable=SC2016 # The inner shell reads it.
[ "$(printf 'abcdef' | { dd bs=4 count=1 iflag=fullblock status=none | cat; cat >/dev/null; })" = abcd ] || fail "lacks dd iflag=fullblock"
[ "$(printf 'a b\0' | xargs -0 -r printf '%s.')" = "a b." ] || fail "lacks xargs -0"
[ "$(stat -c %F / 2>/dev/null)" = directory ] || fail "lacks stat -c"
[ "$(find / -maxdepth 0 -print0 2>/dev/null | xargs -0 -r printf '%s')" = / ] || fail "lacks find -print0"
# The quicker checksum, for data on its way.
check=sha256sum
if printf x | sha1sum >/dev/null 2>&1; then check=sha1sum; fi
echo "ready $check"

next=
placing=
turn=0
older=
newer=
while read -r word a b c; do
  # Answers come in the order of their questions.
  if [ "$word" != piece ] && [ "$word" != tree ] && [ -n "$placing" ]; then
    wait "$placing"
    next=
    placing=
  fi
  case $word in
  root) # FOLDER
    try cd "$a"
    cd "$a" || fail "$a"
    echo ok
    ;;
  lock) # OWNER
    try mkdir -p $state
    owner
    if [ "$owner" != "$a" ] && ! said=$(mkdir $state/lock 2>&1); then
      [ -d $state/lock ] || fail "$said"
      echo "held $owner $(stat -c %Y $state/lock/beat 2>/dev/null)"
      continue
    fi
    said=$({ echo "$a" >$state/lock/owner && : >$state/lock/beat; } 2>&1) || fail "$said"
    try mkdir -p $incoming
    echo locked
    ;;
  steal) # OWNER NAME
    owner
    if [ "$owner" = "$a" ]; then
      mv $state/lock "$state/lock.$b" 2>/dev/null && rm -rf "$state/lock.$b"
    fi
    echo ok
    ;;
  unlock) # OWNER
    owner
    if [ "$owner" = "$a" ]; then rm -rf $state/lock; fi
    echo ok
    ;;
  free)
    free=$(df -Pk . 2>/dev/null | tail -n 1)
    # shellcheck disable=SC2086 # Its words are wanted.
    set -- $free
    echo "free ${4:-}"
    ;;
  list) # FOLDER LENGTH, the paths
    take "$b" >"$box/paths" || fail
    cat "$box/paths" | (below "$a" status_of_found) >"$box/status" &
    cat "$box/paths" | (below "$a" found)
    wait $!
    printf '\0'
    cat "$box/status"
    echo
    ;;
  sums) # FOLDER LENGTH, the paths
    take "$b" | (below "$a" xargs -0 -r sha256sum)
    echo
    ;;
  prefix) # PATH LENGTH
    path "$a"
    head -c "$b" "$path" | sha256sum
    ;;
  targets) # LENGTH, the paths of links
    # shellcheck disable=SC2016 # The inner shell reads it.
    take "$a" | xargs -0 -r -n 1 sh -c 'readlink "$1"; printf "\0"' sh
    printf '\0'
    ;;
  show) # PATH
    path "$a"
    if [ -f "$path" ]; then
      echo "data $(stat -c %s "$path")"
      cat "$path"
    else
      echo none
    fi
    ;;
  put) # PATH LENGTH, the content
    path "$a"
    take "$b" >"$path.new" || fail "$path.new"
    try mv -f "$path.new" "$path"
    echo ok
    ;;
  tree) # LENGTH, an archive and an empty line
    receive "$a"
    (
      (cd $incoming && tar xopf -) <"$arrived" || fail
      $check <"$arrived"
    ) &
    placing=$!
    ;;
  piece) # PATH OFFSET LENGTH, the bytes and an empty line; both numbers whole MiB but for the end of a file
    receive "$c"
    if [ "$a $b" != "$next" ]; then
      path "$incoming/$a"
      begin "$b"
    fi
    next="$a $((b + c))"
    (
      cat "$arrived" >>"$path" || fail
      $check <"$arrived"
    ) &
    placing=$!
    ;;
  finish) # PATH MODE SECONDS
    path "$a"
    try chmod "$b" "$path"
    touch -m -d "@$c" "$path" 2>/dev/null
    echo ok
    ;;
  folder) # PATH
    path "$a"
    try mkdir -p "$path"
    echo ok
    ;;
  move) # LENGTH, the paths and the folder that they go to
    said=$(take "$a" | xargs -0 mv -f -- 2>&1) || fail "$said"
    echo ok
    ;;
  drop) # LENGTH, the paths
    said=$(take "$a" | xargs -0 -r rm -rf -- 2>&1) || fail "$said"
    echo ok
    ;;
  empty) # LENGTH, the paths of folders that are removed if nothing is in them
    take "$a" | xargs -0 -r rmdir -- 2>/dev/null
    echo ok
    ;;
  modes) # LENGTH, modes and paths
    said=$(take "$a" | xargs -0 -r -n 2 chmod -- 2>&1) || fail "$said"
    echo ok
    ;;
  part) # PATH OFFSET LENGTH: the bytes, as many as there are
    path "$a"
    size=$(stat -c %s "$path") || fail "$path"
    rest=$((size - b))
    [ $rest -le "$c" ] || rest=$c
    echo "data $rest"
    dd if="$path" bs=1048576 skip=$((b / 1048576)) count=$(((rest + 1048575) / 1048576)) status=none
    echo
    ;;
  contents) # LENGTH, the paths: the contents one behind the other
    take "$a" | xargs -0 -r cat
    echo
    ;;
  *) fail "what is $word" ;;
  esac
done
