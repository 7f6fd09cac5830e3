"""Maps in DISTRIBUTED mode: readers, batches, map runs, child executions, result writers."""
