"""The provider's stand-in on loopback, to rehearse the paid way: nothing is billed."""
