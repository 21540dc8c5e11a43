SELECT fingerprint, decision, decided_ns, versions FROM exception_states
