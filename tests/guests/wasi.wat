;; A policy that imports WASI and looks around. What it looks at stands in the test: core code in the place of `HERE`.
;; It has a memory of zeros, in which a `0` at the place of a result means success, and `admit`.
(component
  (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
  (alias export $error "error" (type $error-type))
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.ready" (func (param "self" (borrow $pollable)) (result bool)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))
    (export "poll" (func (param "in" (list (borrow $pollable))) (result (list u32))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (alias outer 1 $error-type (type $error))
    (export "input-stream" (type $input (sub resource)))
    (export "output-stream" (type $output (sub resource)))
    (type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $failure)))
    (export "[method]input-stream.blocking-read"
      (func (param "self" (borrow $input)) (param "len" u64) (result (result (list u8) (error $stream-error)))))
    (export "[method]output-stream.check-write"
      (func (param "self" (borrow $output)) (result (result u64 (error $stream-error)))))
    (export "[method]output-stream.write"
      (func (param "self" (borrow $output)) (param "contents" (list u8)) (result (result (error $stream-error)))))))
  (alias export $streams "input-stream" (type $input))
  (alias export $streams "output-stream" (type $output))
  (import "wasi:cli/stdin@0.2.0" (instance $stdin
    (alias outer 1 $input (type $input)) (export "get-stdin" (func (result (own $input))))))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer 1 $output (type $output)) (export "get-stdout" (func (result (own $output))))))
  ;; Another version of the same package, as an adapter beside a library brings it.
  (import "wasi:cli/stderr@0.2.6" (instance $stderr
    (alias outer 1 $output (type $output)) (export "get-stderr" (func (result (own $output))))))
  (import "wasi:cli/environment@0.2.0" (instance $environment
    (export "get-environment" (func (result (list (tuple string string)))))
    (export "get-arguments" (func (result (list string))))
    (export "initial-cwd" (func (result (option string))))))
  (import "wasi:cli/exit@0.2.0" (instance $exit (export "exit" (func (param "status" (result))))))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $monotonic
    (alias outer 1 $pollable (type $pollable))
    (export "now" (func (result u64)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))))
  (import "wasi:clocks/wall-clock@0.2.0" (instance $wall
    (type $time (record (field "seconds" u64) (field "nanoseconds" u32)))
    (export "datetime" (type $datetime (eq $time)))
    (export "now" (func (result $datetime)))))
  (import "wasi:random/random@0.2.0" (instance $random
    (export "get-random-bytes" (func (param "len" u64) (result (list u8))))
    (export "get-random-u64" (func (result u64)))))
  (import "wasi:filesystem/types@0.2.0" (instance $files (export "descriptor" (type (sub resource)))))
  (alias export $files "descriptor" (type $descriptor))
  (import "wasi:filesystem/preopens@0.2.0" (instance $preopens
    (alias outer 1 $descriptor (type $descriptor))
    (export "get-directories" (func (result (list (tuple (own $descriptor) string)))))))
  (import "wasi:sockets/tcp@0.2.0" (instance $tcp (export "tcp-socket" (type (sub resource)))))
  (alias export $tcp "tcp-socket" (type $socket))
  (import "wasi:sockets/tcp-create-socket@0.2.0" (instance $create
    (alias outer 1 $socket (type $socket))
    (type $family (enum "ipv4" "ipv6"))
    (export "ip-address-family" (type $ip-address-family (eq $family)))
    (type $code (enum "unknown" "access-denied"))
    (export "error-code" (type $error-code (eq $code)))
    (export "create-tcp-socket"
      (func (param "address-family" $ip-address-family) (result (result (own $socket) (error $error-code)))))))

  ;; The memory: results at 0x40, what the contract is answered at 0x80, the description at 0x100, words at 0x200, what the host allocates from 0x1000 on.
  (core module $memory
    (memory (export "memory") 2)
    (global $free (mut i32) (i32.const 0x1000))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      global.get $free
      (global.set $free (i32.and (i32.add (i32.add (global.get $free) (local.get 3)) (i32.const 7)) (i32.const -8))))
    (data (i32.const 0x100)
      "\00\02\00\00\04\00\00\00" "\10\02\00\00\05\00\00\00" "\20\02\00\00\0d\00\00\00" "\40\02\00\00\02\00\00\00")
    (data (i32.const 0x200) "wasi")
    (data (i32.const 0x210) "0.1.0")
    (data (i32.const 0x220) "Looks around.")
    (data (i32.const 0x240) "{}")
    (data (i32.const 0x250) "first\nsecond"))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $m))
  (alias core export $memory "realloc" (core func $realloc))

  (core func $ready (canon lower (func $poll "[method]pollable.ready")))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $poll-all (canon lower (func $poll "poll") (memory $m) (realloc $realloc)))
  (core func $read (canon lower (func $streams "[method]input-stream.blocking-read") (memory $m) (realloc $realloc)))
  (core func $check-write (canon lower (func $streams "[method]output-stream.check-write") (memory $m)))
  (core func $write (canon lower (func $streams "[method]output-stream.write") (memory $m)))
  (core func $in (canon lower (func $stdin "get-stdin")))
  (core func $out (canon lower (func $stdout "get-stdout")))
  (core func $err (canon lower (func $stderr "get-stderr")))
  (core func $variables (canon lower (func $environment "get-environment") (memory $m) (realloc $realloc)))
  (core func $arguments (canon lower (func $environment "get-arguments") (memory $m) (realloc $realloc)))
  (core func $cwd (canon lower (func $environment "initial-cwd") (memory $m) (realloc $realloc)))
  (core func $exit (canon lower (func $exit "exit")))
  (core func $now (canon lower (func $monotonic "now")))
  (core func $sleep (canon lower (func $monotonic "subscribe-duration")))
  (core func $date (canon lower (func $wall "now") (memory $m)))
  (core func $random-bytes (canon lower (func $random "get-random-bytes") (memory $m) (realloc $realloc)))
  (core func $random (canon lower (func $random "get-random-u64")))
  (core func $directories (canon lower (func $preopens "get-directories") (memory $m) (realloc $realloc)))
  (core func $socket (canon lower (func $create "create-tcp-socket") (memory $m)))

  (core module $guest
    (import "memory" "memory" (memory 2))
    (import "wasi" "ready" (func $ready (param i32) (result i32)))
    (import "wasi" "block" (func $block (param i32)))
    (import "wasi" "poll" (func $poll (param i32 i32 i32)))
    (import "wasi" "read" (func $read (param i32 i64 i32)))
    (import "wasi" "check-write" (func $check-write (param i32 i32)))
    (import "wasi" "write" (func $write (param i32 i32 i32 i32)))
    (import "wasi" "in" (func $in (result i32)))
    (import "wasi" "out" (func $out (result i32)))
    (import "wasi" "err" (func $err (result i32)))
    (import "wasi" "variables" (func $variables (param i32)))
    (import "wasi" "arguments" (func $arguments (param i32)))
    (import "wasi" "cwd" (func $cwd (param i32)))
    (import "wasi" "exit" (func $exit (param i32)))
    (import "wasi" "now" (func $now (result i64)))
    (import "wasi" "sleep" (func $sleep (param i64) (result i32)))
    (import "wasi" "date" (func $date (param i32)))
    (import "wasi" "random-bytes" (func $random-bytes (param i64 i32)))
    (import "wasi" "random" (func $random (result i64)))
    (import "wasi" "directories" (func $directories (param i32)))
    (import "wasi" "socket" (func $socket (param i32 i32)))
    ;; Trap unless a word of the memory has this value.
    (func $word (param $at i32) (param $value i32)
      (if (i32.ne (i32.load (local.get $at)) (local.get $value)) (then unreachable)))
    (func $same (param i64 i64) (if (i64.ne (local.get 0) (local.get 1)) (then unreachable)))
    (func (export "describe") (result i32) i32.const 0x100)
    (func (export "validate-settings") (result i32) i32.const 0x80)
    (func (export "review") (result i32)
      HERE
      i32.const 0x80))
  (core instance $guest (instantiate $guest
    (with "memory" (instance $memory))
    (with "wasi" (instance
      (export "ready" (func $ready)) (export "block" (func $block)) (export "poll" (func $poll-all))
      (export "read" (func $read)) (export "check-write" (func $check-write)) (export "write" (func $write))
      (export "in" (func $in)) (export "out" (func $out)) (export "err" (func $err))
      (export "variables" (func $variables)) (export "arguments" (func $arguments)) (export "cwd" (func $cwd))
      (export "exit" (func $exit)) (export "now" (func $now)) (export "sleep" (func $sleep))
      (export "date" (func $date)) (export "random-bytes" (func $random-bytes)) (export "random" (func $random))
      (export "directories" (func $directories)) (export "socket" (func $socket))))))

  ;; The contract. A component of its own gives the types their names.
  (type $description (record
    (field "name" string) (field "version" string) (field "summary" string) (field "settings-schema" string)))
  (type $rejection (record (field "reason" string) (field "remedy" (option string))))
  (type $verdict (variant (case "admit") (case "warn" (list string)) (case "reject" $rejection)))
  (func $describe (result $description) (canon lift (core func $guest "describe") (memory $m)))
  (func $validate (result (result (error string))) (canon lift (core func $guest "validate-settings") (memory $m)))
  (func $review (result $verdict) (canon lift (core func $guest "review") (memory $m)))
  (component $contract
    (type $d (record
      (field "name" string) (field "version" string) (field "summary" string) (field "settings-schema" string)))
    (import "description" (type $description (eq $d)))
    (type $r (record (field "reason" string) (field "remedy" (option string))))
    (import "rejection" (type $rejection (eq $r)))
    (type $v (variant (case "admit") (case "warn" (list string)) (case "reject" $rejection)))
    (import "verdict" (type $verdict (eq $v)))
    (import "describe" (func $describe (result $description)))
    (import "validate" (func $validate (result (result (error string)))))
    (import "review" (func $review (result $verdict)))
    (export $named-description "description" (type $description))
    (export $named-rejection "rejection" (type $rejection))
    (type $named (variant (case "admit") (case "warn" (list string)) (case "reject" $named-rejection)))
    (export $named-verdict "verdict" (type $named))
    (export "describe" (func $describe) (func (result $named-description)))
    (export "validate-settings" (func $validate))
    (export "review" (func $review) (func (result $named-verdict))))
  (instance $policy (instantiate $contract
    (with "description" (type $description)) (with "rejection" (type $rejection)) (with "verdict" (type $verdict))
    (with "describe" (func $describe)) (with "validate" (func $validate)) (with "review" (func $review))))
  (export "mlcube:policy/policy@0.1.0" (instance $policy)))
