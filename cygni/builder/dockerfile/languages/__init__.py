"""What each language makes of a program: a module each, with `recipe(program, tree)`."""
