SELECT version FROM format
