"""What requests may say, one class per body and per set of parameters. ``example`` is shown in the document and run as a test."""
