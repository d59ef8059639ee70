"""An invented express company and invented customers, for trying Midan out, for tests and for measuring."""
