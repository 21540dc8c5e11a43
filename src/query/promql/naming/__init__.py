"""What OTLP metrics are called in Prometheus: names, labels, types, histograms and numbers.

Pure functions over what a series or a point holds; nothing here reads the storage.
"""
