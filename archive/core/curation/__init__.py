"""What curators do with records beside filling in their forms: each module is one kind of work, and a mixin of RecordAdmin."""
