"""The victims' side: whose later harm the list covers."""
