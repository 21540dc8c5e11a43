REPLACE INTO exception_states (fingerprint, decision, decided_ns, versions) VALUES (?, ?, ?, ?)
