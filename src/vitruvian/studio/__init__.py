"""Studio: a local web server and the page that shows, records and measures poses in a browser."""
