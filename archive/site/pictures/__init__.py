"""Pictures of the whole archive, drawn by the server: by year and kind, on a map, who appears with whom, topics through time.

Each is a module here and two templates: what it draws, and its page. What a picture says, a table beside it says too, and every
mark of it is a link into the archive. Numbers come from the facet index, so that they are exact and of this very state.
"""
