DROP TABLE order_numbers;
