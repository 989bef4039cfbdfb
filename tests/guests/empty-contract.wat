;; Exports the contract's interface by name, without its functions.
(component
  (instance $policy)
  (export "mlcube:policy/policy@0.1.0" (instance $policy)))
