-- What a person does in an organisation: residents can let in those who do one thing there. None: nobody has said.
ALTER TABLE memberships ADD COLUMN duty TEXT;
