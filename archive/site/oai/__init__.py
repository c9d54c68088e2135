"""OAI-PMH 2.0: the published records as Dublin Core, for catalogues that gather them and come back for what has changed.

`harvest` says which records there are, in the order of the ledger, and which are gone; `dublin` what is said of each; `requests`
reads what is asked, and `views` answers.
"""
