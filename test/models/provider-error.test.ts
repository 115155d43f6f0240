import t from 'tap';
import { providerError } from '../../models/provider-error.js';

t.test('the reason, without places in the source of the runtime', (t) => {
  const missing =
    '/onnxruntime_src/webgpu_context.cc:136 onnxruntime::Initialize()::<lambda()> adapter_result.status == Success was false. Failed to get a WebGPU adapter: No supported adapters\n';
  t.equal(providerError(new Error(missing)), 'Failed to get a WebGPU adapter: No supported adapters');
  const pipeline =
    'Non-zero status code while running Conv node. Status Message: /x.cc:5 [ONNXRuntimeError] : 1 : FAIL : Failed to create a pipeline: invalid\n - While validating compute stage';
  t.equal(providerError(new Error(pipeline)), 'Failed to create a pipeline: invalid');
  t.equal(
    providerError(new Error('differs from the released outputs by 1.0e-1')),
    'differs from the released outputs by 1.0e-1',
  );
  t.equal(providerError(new Error('x'.repeat(1000))).length, 244);
  t.equal(providerError(new Error('a was false. \n')), 'a was false.');
  t.end();
});
