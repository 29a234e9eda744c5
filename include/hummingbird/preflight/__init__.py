"""What must hold before a component starts. Each check answers with sentences: what is wrong, the mend."""
