"""What a report of a problem needs, without secrets: made here, looked through and sent by a person."""
