SELECT entry FROM notification_log
