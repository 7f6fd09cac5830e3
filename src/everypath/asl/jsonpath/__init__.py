"""JSONPath, reference paths, payload templates and intrinsic functions, as Step Functions evaluates them."""
