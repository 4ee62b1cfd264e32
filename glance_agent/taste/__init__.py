"""What people did -> what comes next, and why."""
