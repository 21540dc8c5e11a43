"""What all questions share: a reader of the data, a range of time, filters, cursors, answers."""
