"""The customer's pages: tracking, notice, what a label's QR opens."""
