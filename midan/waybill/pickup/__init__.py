"""B3, the counter: a code for each parcel on a station's shelf, and how often one may guess."""
