SELECT integration, line FROM deliveries
