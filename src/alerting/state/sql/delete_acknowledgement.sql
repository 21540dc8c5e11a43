DELETE FROM acknowledgements WHERE fingerprint = ?
