SELECT entry, remembered FROM notification_log
