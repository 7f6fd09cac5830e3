"""What is known of AWS Step Functions, as cases, and a runner that replays them on any endpoint; see README.md."""
