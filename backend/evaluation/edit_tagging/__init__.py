"""How the edit tagger is made: mistakes put into correct sentences, and a network fitted to them."""
