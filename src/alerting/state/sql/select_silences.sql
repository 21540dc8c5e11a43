SELECT silence FROM silences
