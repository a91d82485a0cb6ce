const functions = require('@google-cloud/functions-framework');

functions.http('greet', (req, res) => {
  res.type('text').send(`hello ${req.query.name ?? req.body.name ?? 'world'} from the Functions Framework\n`);
});

functions.cloudEvent('onUpload', (event) => {
  console.log(event.type, event.data);
});
