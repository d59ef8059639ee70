"""The waybill record: number, status, scans, route, handler, station, party tokens; no personal data."""
