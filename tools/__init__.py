"""What builds, executes and proves the book; none of it goes into the wheel."""
