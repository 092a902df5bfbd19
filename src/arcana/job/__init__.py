"""One build from beginning to end: what runs, what is carried along, what is published."""
