"""How times are written where no filter of ours writes them, such as in the desk's lists: never without their zone."""
