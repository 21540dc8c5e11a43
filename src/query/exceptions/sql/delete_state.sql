DELETE FROM exception_states WHERE fingerprint = ?
