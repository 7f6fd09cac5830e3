"""TestState: one state, run alone by the engine, and looked at stage by stage."""
