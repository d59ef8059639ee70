"""三.1.5 Devices: which computers and phones are the company's, and how healthy each is (T5). Without one only masks."""
