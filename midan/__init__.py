"""Midan (密单): keeps the customer-information privacy policy of an express-delivery company."""
