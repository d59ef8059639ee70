"""The privacy label (clause T1, B2): what a parcel shows, and nothing the rules forbid."""
