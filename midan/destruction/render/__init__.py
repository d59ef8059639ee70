"""The certificate as a page for people: made from the certificate's bytes alone, whenever it is asked for.

words     the codes of a certificate in Chinese and English
pdf       the page, set by typst
"""
