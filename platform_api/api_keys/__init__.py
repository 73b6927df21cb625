"""Keys of programs: of one organisation, with the permissions they were given."""
