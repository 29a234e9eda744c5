"""Pages for people and files for tools, made of records, as bytes. Pure: who keeps them decides where."""
