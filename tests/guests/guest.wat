;; A policy by hand: the core module of one, to which the contract is added. A case replaces the words in braces; "calls" are
;; imports of what it calls.
;;
;; What the host is told lies at fixed places: the answer of `validate-settings` at 64, the verdict at 128, the
;; description at 192. The host's answers go to 512. What a case keeps for itself begins at 4096, and what `cabi_realloc`
;; gives away at 65536.
(module
  {calls}
  {imports}
  (memory (export "memory") {memory})
  (global $free (mut i32) (i32.const 65536))
  {items}
  {data}

  (func (export "mlcube:policy/policy@0.1.0#describe") (result i32) {describe})
  (func (export "mlcube:policy/policy@0.1.0#validate-settings") (result i32) {validate})
  (func (export "mlcube:policy/policy@0.1.0#review") (result i32) {review})
  (func (export "cabi_post_mlcube:policy/policy@0.1.0#review") (param i32) {post})

  ;; Gives away memory from below to above; what is asked for is at most what is there.
  (func $realloc (export "cabi_realloc") (param $old i32) (param $was i32) (param $align i32) (param $size i32) (result i32)
    {realloc})
)
