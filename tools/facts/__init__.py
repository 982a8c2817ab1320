"""Makes the facts about torch from the installed torch, and checks them against it (see README.md)."""
