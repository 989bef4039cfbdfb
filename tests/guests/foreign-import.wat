;; Exports the contract's interface by name, and imports what no policy is given.
(component
  (import "wasi:keyvalue/store@0.2.0" (instance))
  (instance $policy)
  (export "mlcube:policy/policy@0.1.0" (instance $policy)))
