"""PromQL's functions, a file for each family; `registry` knows them all."""
