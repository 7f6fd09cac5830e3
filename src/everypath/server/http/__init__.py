"""The server's HTTP side: the application, who may send requests, and the protocols of Step Functions and Lambda."""
