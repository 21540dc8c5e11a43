SELECT time, body_text FROM logs
