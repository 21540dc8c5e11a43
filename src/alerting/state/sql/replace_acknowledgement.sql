REPLACE INTO acknowledgements (fingerprint, acknowledgement) VALUES (?, ?)
